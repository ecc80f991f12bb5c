import { knownAddresses } from '../../../receiver/edge/known-addresses.ts'
import { deliveriesUnderWay } from '../../../receiver/edge/under-way.ts'

describe('the places for deliveries under way', () => {
  test('are so many, and free again when one is left', () => {
    const { enter } = deliveriesUnderWay({ max: 2, maxOfAddress: 2, maxOfStrangers: 2 })
    const leave = enter('a', false)
    expect(enter('b', false)).toBeDefined()
    expect(enter('c', true)).toBeUndefined()
    leave?.()
    expect(enter('c', false)).toBeDefined()
  })

  test('are not all for one address', () => {
    const { enter } = deliveriesUnderWay({ max: 4, maxOfAddress: 2, maxOfStrangers: 4 })
    const places = [enter('a', true), enter('a', true)]
    expect(enter('a', true)).toBeUndefined()
    expect(enter('b', false)).toBeDefined()
    places[0]?.()
    expect(enter('a', true)).toBeDefined()
  })

  test('are not all for strangers, however many they are', () => {
    const { enter } = deliveriesUnderWay({ max: 4, maxOfAddress: 4, maxOfStrangers: 2 })
    const places = [enter('a', false), enter('b', false)]
    expect(enter('c', false)).toBeUndefined()
    expect(enter('known', true)).toBeDefined()
    places[0]?.()
    expect(enter('c', false)).toBeDefined()
  })
})

describe('known addresses', () => {
  test('are as many as are remembered, and who delivered longest ago goes first', () => {
    const known = knownAddresses(2)
    for (const address of ['a', 'b', 'a', 'c']) known.add(address)
    expect(['a', 'b', 'c'].map(known.has)).toEqual([true, false, true])
  })
})
