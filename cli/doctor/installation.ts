import type { GenesysPort } from '../../actions/genesys/port.ts'
import type { VerifierKey } from '../../ledger/note/verifier-key.ts'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import type { CheckpointKeySource } from '../checkpoint-key.ts'
import { checkpointKeySource, surveyConfig } from '../config.ts'
import type { Config, RemoteConfig } from '../config.ts'
import type { Env } from '../env-reader.ts'
import type { Manifest } from '../manifest.ts'
import { webhookAddress } from '../webhook-address.ts'
import type { SourceConfig } from '../webhook-sources/source-config.ts'
import { ask } from './ask.ts'
import type { AskDeps, HttpAnswer, NoAnswer } from './ask.ts'
import { genesysSite } from './genesys-site.ts'
import type { GenesysSite } from './genesys-site.ts'

/** An installation as its settings describe it, as far as they are right. */
export interface Installation {
  readonly config: Config
  readonly problems: readonly string[]
  readonly checkpointKey: CheckpointKeySource
  /** Undefined when no key can be loaded. */
  readonly verifierKey: VerifierKey | undefined
  /** Undefined when the settings do not say how Genesys Cloud is reached. */
  readonly genesys: { readonly site: GenesysSite; readonly port: GenesysPort } | undefined
  /** Undefined when there is no public URL. */
  readonly webhook: WebhookRoute | undefined
  readonly paths: { readonly filters: string; readonly subscriptions: string }
}

export interface WebhookRoute {
  readonly url: URL
  /** The route that the pipeline subscribes: another one, when another source was asked for. */
  readonly subscribed: URL
  readonly source: string
  readonly sourceConfig: SourceConfig | undefined
  /** The smallest time, in seconds, that a signed time may be off. */
  readonly toleranceS: number
  /** The answer to an unsigned delivery. It is sent once. */
  readonly probe: () => Promise<HttpAnswer | NoAnswer>
}

export interface InstallationDeps extends AskDeps {
  readonly env: Env
  readonly manifest: Manifest
  /** The route that is looked at. Default: the one that is subscribed. */
  readonly source?: string
}

/** Reads the settings and makes what the checks ask with; nothing is asked yet. */
export async function readInstallation(deps: InstallationDeps): Promise<Installation> {
  const { env, manifest } = deps
  const { config, problems } = surveyConfig(env)
  const checkpointKey = checkpointKeySource(env)
  const paths = {
    filters: config.filtersPath ?? manifest.genesys.filtersPath,
    subscriptions: config.subscriptionsPath ?? manifest.genesys.subscriptionsPath,
  }
  const remote = config.remote
  const isAbout = (names: RegExp): boolean => problems.some((problem) => names.test(problem))
  return {
    config,
    problems,
    checkpointKey,
    verifierKey: keyAtHand(config.keysFolder, checkpointKey),
    genesys: remote && !isAbout(/GENESYS/) ? await reachGenesys(remote, paths, deps) : undefined,
    webhook: remote && !isAbout(/FILTER_LEDGER_PUBLIC_URL/) ? webhookRoute(config, remote, deps) : undefined,
    paths,
  }
}

/** What is wrong with it is told by the check of the keys. */
function keyAtHand(folder: string, source: CheckpointKeySource): VerifierKey | undefined {
  try {
    return loadCheckpointKey(folder, source).key
  } catch {
    return undefined
  }
}

/** The SDK is large: it is loaded only when there is somebody to ask. */
async function reachGenesys({ genesys }: RemoteConfig, paths: Installation['paths'], deps: InstallationDeps) {
  const { genesysClient } = await import('../../actions/genesys/genesys-client.ts')
  const { fetch, now } = deps
  const port = genesysClient({
    ...genesys,
    fetch,
    now,
    filtersPath: paths.filters,
    subscriptionsPath: paths.subscriptions,
  })
  return { port, site: genesysSite(genesys, port, deps) }
}

function webhookRoute(config: Config, { publicUrl }: RemoteConfig, deps: InstallationDeps): WebhookRoute {
  const source = deps.source ?? config.subscriptionSource
  const url = webhookAddress(publicUrl, source)
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  let answer: Promise<HttpAnswer | NoAnswer> | undefined
  return {
    url,
    subscribed: webhookAddress(publicUrl, config.subscriptionSource),
    source,
    sourceConfig: config.sources.find(({ name }) => name === source),
    toleranceS: Math.min(
      config.shorthand.toleranceS,
      ...config.sources.flatMap(({ windowS, toleranceS }) => [windowS, toleranceS]),
    ),
    probe: () => (answer ??= ask(url, init, deps)),
  }
}
