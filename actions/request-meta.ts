import { IsOptional, IsString, Matches, MaxLength } from 'class-validator'
import { Told } from './contract/told.ts'

/** Who wants something beside the caller, and why: every request may say it, and the ledger keeps it. */
export class RequestMeta {
  @Told('An id of your own for this request: sent twice, it is carried out once', {
    example: 'req-2026-11-26-0001',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string

  @Told('Why; kept in the ledger')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(500, { message: 'at most 500 characters' })
  reason?: string

  @Told('The ticket or change request that it belongs to; kept in the ledger')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  ticketRef?: string

  @Told('The id of whom the flow acts for; kept in the ledger')
  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  onBehalfOf?: string
}
