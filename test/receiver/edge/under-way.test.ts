import { deliveriesUnderWay } from '../../../receiver/edge/under-way.ts'

describe('the places for deliveries under way', () => {
  test('are so many, and free again when one is left', () => {
    const enter = deliveriesUnderWay({ max: 2, maxOfAddress: 2 })
    const leave = enter('a')
    expect(enter('b')).toBeDefined()
    expect(enter('c')).toBeUndefined()
    leave?.()
    expect(enter('c')).toBeDefined()
  })

  test('are not all for one address', () => {
    const enter = deliveriesUnderWay({ max: 4, maxOfAddress: 2 })
    const places = [enter('a'), enter('a')]
    expect(enter('a')).toBeUndefined()
    expect(enter('b')).toBeDefined()
    places[0]?.()
    expect(enter('a')).toBeDefined()
  })
})
