import { versionInForce } from '../../../ledger/metrics/version-in-force.ts'

const versions = [{ version: 0 }, { version: 3 }, { version: 2 }]

test('is the one that events tell of, whatever senders name', () => {
  expect(versionInForce({ version: 2 }, versions)).toEqual({ version: 2 })
})

test('is the newest that a sender named, where no event told of any', () => {
  expect(versionInForce({ version: null }, versions)).toEqual({ version: 3 })
  expect(versionInForce({ version: null }, [{ version: 0 }])).toEqual({ version: 0 })
})

test('is none, where nothing was recorded of it', () => {
  expect(versionInForce({ version: 4 }, versions)).toBeUndefined()
  expect(versionInForce({ version: null }, versions.slice(3))).toBeUndefined()
})
