/** An HTTP answer. Whatever stands in it is the other side's choice. */
export interface HttpAnswer {
  readonly status: number
  /** By lower-case name; of one that is repeated, the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/**
 * Reads the first final answer of what came on a connection (RFC 9112); undefined while it is not whole yet. What is
 * no HTTP answer never becomes one. `isOver`: nothing more will come.
 */
export function readAnswer(bytes: Buffer, isOver: boolean): HttpAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(statusLine)?.[1] ?? NaN)
  if (Number.isNaN(status)) return undefined
  const rest = bytes.subarray(end + 4)
  // 100 and 103 come before the answer itself.
  if (status < 200) return readAnswer(rest, isOver)
  const headers = new Map(lines.map(readHeader))
  const body = readBody(rest, headers, isOver)
  return body && { status, headers, body }
}

function readHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

function readBody(bytes: Buffer, headers: ReadonlyMap<string, string>, isOver: boolean): Buffer | undefined {
  if (headers.get('transfer-encoding') !== undefined) return dechunk(bytes, isOver)
  const length = headers.get('content-length')
  if (length === undefined) return isOver ? bytes : undefined
  return bytes.length >= Number(length) || isOver ? bytes.subarray(0, Number(length)) : undefined
}

/** As much as came, when the connection ended in the middle: the status is what counts. */
function dechunk(bytes: Buffer, isOver: boolean): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = lineEnd === -1 ? NaN : parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const isThere = size >= 0 && bytes.length >= lineEnd + 2 + size
    if (size === 0) return Buffer.concat(chunks)
    if (!isThere) return isOver ? Buffer.concat(chunks) : undefined
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
