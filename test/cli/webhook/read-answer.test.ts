import { readAnswer } from '../../../cli/webhook/read-answer.ts'

const read = (text: string, isOver = false) => {
  const answer = readAnswer(Buffer.from(text, 'latin1'), isOver)
  return answer && { status: answer.status, body: answer.body.toString('latin1') }
}

describe('an HTTP answer', () => {
  test('is read when its length has come, and not before', () => {
    const text = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n'
    expect([read(text), read(`${text}{`), read(`${text}{}`), read(`${text}{}HTTP/1.1 200 OK`)]).toEqual([
      undefined,
      undefined,
      { status: 401, body: '{}' },
      { status: 401, body: '{}' },
    ])
  })

  test('without a length ends with the connection', () => {
    const text = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'
    expect([read(text), read(text, true)]).toEqual([undefined, { status: 400, body: '' }])
  })

  test('in chunks is put together', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n'
    expect([read(text), read(`${text}0\r\n\r\n`), read(text, true)]).toEqual([
      undefined,
      { status: 200, body: 'abcd' },
      { status: 200, body: 'abcd' },
    ])
  })

  test('comes after 100 and 103', () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'
    expect(read(`${early}HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n`)).toEqual({
      status: 202,
      body: '',
    })
    expect(read(early, true)).toBeUndefined()
  })

  test.each(['', 'HTTP/1.1', 'SSH-2.0-x\r\n\r\n', 'HTTP/1.1 abc\r\n\r\n', 'HTTP/1.1 99\r\n\r\n'])(
    'is not read out of %j',
    (text) => {
      expect(read(text, true)).toBeUndefined()
    },
  )

  test('whose chunks make no sense has no end until the connection has', () => {
    const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n'
    expect([read(text), read(text, true)]).toEqual([undefined, { status: 200, body: '' }])
  })
})
