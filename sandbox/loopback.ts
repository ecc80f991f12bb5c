/**
 * Whether a host name, as the URL parser writes it, is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
 * Names that merely resolve to a loopback address are not: who answers for them can change.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
