/** Round numbers from 0 on, the last of which is not below `greatest`: where an axis is marked. */
export function ticks(greatest: number, steps: number, leastStep = 0): readonly number[] {
  const rough = Math.max(greatest / steps, leastStep, Number.MIN_VALUE)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(
    [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * (1 - 1e-9)) ?? rough,
    leastStep,
  )
  const count = Math.max(1, Math.ceil(greatest / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}
