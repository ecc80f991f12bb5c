import { AsyncLocalStorage } from 'node:async_hooks'
import type { GenesysError } from './genesys-error.ts'

type WaitListener = (ms: number, cause: GenesysError) => void

const listeners = new AsyncLocalStorage<WaitListener>()

/**
 * Runs a call whose waits inside, below the port, are told to the listener: the port answers with what the API
 * answers, and has no place for how long a call was held back.
 */
export function hearingWaits<T>(listener: WaitListener, call: () => Promise<T>): Promise<T> {
  return listeners.run(listener, call)
}

/** Tells whoever listens around this call that it waited so long. */
export function tellWait(ms: number, cause: GenesysError): void {
  listeners.getStore()?.(ms, cause)
}
