/** Where `holds` turns from false to true between `low` and `high`, to the precision of a double. */
export function bisect(holds: (x: number) => boolean, low: number, high: number): number {
  let [below, above] = [low, high]
  for (let step = 0; step < 200; step++) {
    const middle = (below + above) / 2
    if (holds(middle)) above = middle
    else below = middle
  }
  return above
}
