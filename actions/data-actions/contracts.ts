import type { ActionContract } from '../contract/action-contract.ts'
import { deployFilterContract } from './deploy-filter.ts'
import { getDeploymentContract } from './get-deployment.ts'
import { getFilterMetricsContract } from './get-filter-metrics.ts'
import { getFilterContract } from './get-filter.ts'
import { recordBlockContract } from './record-block.ts'
import { recordEvaluationsContract } from './record-evaluations.ts'
import { recordFilterEventContract } from './record-filter-event.ts'
import { removeFilterContract } from './remove-filter.ts'
import { reportVerdictContract } from './report-verdict.ts'
import { rollbackFilterContract } from './rollback-filter.ts'
import { setFilterStateContract } from './set-filter-state.ts'

/** The contract of each data action, by its name in the manifest. */
export const ACTION_CONTRACTS: Readonly<Record<string, ActionContract>> = {
  'deploy-filter': deployFilterContract,
  'get-filter': getFilterContract,
  'set-filter-state': setFilterStateContract,
  'remove-filter': removeFilterContract,
  'rollback-filter': rollbackFilterContract,
  'get-deployment': getDeploymentContract,
  'record-block': recordBlockContract,
  'record-evaluations': recordEvaluationsContract,
  'report-verdict': reportVerdictContract,
  'get-filter-metrics': getFilterMetricsContract,
  'record-filter-event': recordFilterEventContract,
}
