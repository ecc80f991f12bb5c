/** Whether keys and secrets may travel over it: https, or http that never leaves this machine. No password in it. */
export function isSafeUrl({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
  )
}
