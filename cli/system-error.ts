/** True for an error with this code, such as `EPIPE` of the system. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** True when the system refused something that has a path: its message names both. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string'
}

/** True when the path is at fault, and not the disk. */
export function isMisplaced(error: Error): boolean {
  return MISPLACED.some((code) => isCode(error, code))
}

const MISPLACED = ['EACCES', 'EEXIST', 'EISDIR', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EPERM', 'EROFS'] as const
