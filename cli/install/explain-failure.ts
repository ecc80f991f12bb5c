import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import { BundleError } from '../../bundle/bundle-error.ts'
import { CliError, EXIT } from '../exit.ts'
import { printable } from '../webhook/printable.ts'

const AGAIN = 'what was done stays; run the same command again to go on'

/** What stands in an install's way, as one line and what to do. Gives back what only we can mend. */
export function explainFailure(error: unknown): unknown {
  if (error instanceof BundleError)
    return new CliError(EXIT.no, printable(error.message, 1000), { cause: error })
  if (!(error instanceof GenesysError)) return error
  const { code, correlationId, transient } = error
  const id = correlationId === undefined ? '' : ` (correlation id ${printable(correlationId)})`
  const message = printable(error.message)
  // What the platform itself said does not name it.
  const said = `${/^(Genesys Cloud|our own) /.test(message) ? '' : 'Genesys Cloud: '}${message}${id}`
  if (code === 'unauthorized')
    return new CliError(
      EXIT.usage,
      `${said}; \`filter-ledger doctor\` tells what is wrong with the OAuth client or the region`,
      { cause: error },
    )
  const exit = transient ? EXIT.unreachable : EXIT.no
  return new CliError(exit, `${said}; ${AGAIN}`, { cause: error })
}
