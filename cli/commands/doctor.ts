import { readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import type { Line } from '../doctor/line.ts'
import { CliError, EXIT } from '../exit.ts'
import { packageRoot, readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { SCHEMES } from '../webhook/sender.ts'
import type { Scheme } from '../webhook/sender.ts'

interface DoctorOptions {
  readonly key?: string
  readonly secret?: string
  readonly scheme?: Scheme
  readonly kid?: string
  readonly source?: string
  readonly roundTrip?: boolean
  readonly json?: boolean
}

const NAME_WIDTH = 18

/** `doctor`: what is right with this installation, what is not, and what to do. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check this installation: settings, keys, ledger, Genesys Cloud, webhooks; say what to do')
    .option('--source <name>', 'the webhook source to look at (default: the one that is subscribed)')
    .option('--key <file>', 'send a test event signed by this private key; it is kept in the ledger')
    .option('--secret <source>', 'the same by a shared secret: env:NAME or file:PATH')
    .addOption(new Option('--scheme <scheme>', 'how it is signed (default: as the source)').choices(SCHEMES))
    .option('--kid <id>', 'jws: the key id (default: the JWK’s, else the key’s thumbprint)')
    .option('--round-trip', 'make a disabled filter in Genesys Cloud, wait for its webhook, delete it again')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It reads the same environment as \`serve\`, and changes nothing without --key, --secret or --round-trip. Ends with 0 when
no line is \`fail\`, else with 1. docs/doctor.md explains every line.
Examples:
  filter-ledger doctor
  filter-ledger doctor --key sender/private.jwk --round-trip`,
    )
    .action(diagnose)
}

async function diagnose(options: DoctorOptions): Promise<void> {
  const { doctorChecks } = await import('../doctor/checks.ts')
  const { runChecks } = await import('../doctor/run-checks.ts')
  const { key, secret, scheme, kid, source, roundTrip = false, json } = options
  const checks = await doctorChecks({
    env: process.env,
    manifest: readManifest(),
    fetch,
    now: () => new Date(),
    nodeVersion: process.version,
    nodeMinimum: nodeMinimum(),
    freeBytes,
    keys: {
      ...(key !== undefined && { key }),
      ...(secret !== undefined && { secret }),
      ...(scheme !== undefined && { scheme }),
      ...(kid !== undefined && { kid }),
    },
    ...(source !== undefined && { source }),
    roundTrip,
    say: (text) => STANDARD_OUTPUT.err(`doctor: ${text}`),
    uncut,
  })
  const lines = await runChecks(checks, (line) => {
    if (!json) STANDARD_OUTPUT.out(shown(line))
  })
  const isWell = lines.every(({ state }) => state !== 'fail')
  STANDARD_OUTPUT.out(json ? JSON.stringify({ ok: isWell, lines }) : `\n${summary(lines)}`)
  if (!isWell) throw new CliError(EXIT.no, '')
}

async function uncut<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  // Once each: the second time it ends at once, as a person insists.
  const onSignal = (): void => {
    STANDARD_OUTPUT.err('doctor: stopping; what was made is taken back first')
    stop.abort()
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await run(stop.signal)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** One line, and what to do below it. */
export function shown({ name, state, detail, advice }: Line): string {
  const head = `${state.padEnd(5)} ${name.padEnd(NAME_WIDTH)} ${detail}`
  return advice === undefined ? head : `${head}\n${' '.repeat(6 + NAME_WIDTH)} -> ${advice}`
}

function summary(lines: readonly Line[]): string {
  const count = (state: Line['state']): number => lines.filter((line) => line.state === state).length
  return `${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail`
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function nodeMinimum(): string {
  const { engines } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }
  }
  return engines.node
}
