import { IsOptional, IsString, Matches, MaxLength } from 'class-validator'

/** Who wants something beside the caller, and why: every request may say it, and the ledger keeps it. */
export class RequestMeta {
  @IsOptional()
  @Matches(/^[A-Za-z0-9._:-]{1,128}$/, { message: '1 to 128 letters, digits, and . _ : - are expected' })
  requestId?: string

  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(500, { message: 'at most 500 characters' })
  reason?: string

  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  ticketRef?: string

  @IsOptional()
  @IsString({ message: 'a text is expected' })
  @MaxLength(128, { message: 'at most 128 characters' })
  onBehalfOf?: string
}
