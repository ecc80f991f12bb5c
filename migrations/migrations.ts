import type { MigrationInterface } from 'typeorm'
import { CreateLedger1764000000000 } from './1764000000000-create-ledger.ts'
import { TransparencyLog1764600000000 } from './1764600000000-transparency-log.ts'
import { Metrics1764700000000 } from './1764700000000-metrics.ts'

/** Every migration, oldest first. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  CreateLedger1764000000000,
  TransparencyLog1764600000000,
  Metrics1764700000000,
]
