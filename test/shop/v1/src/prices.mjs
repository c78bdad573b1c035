/** Prices come from another service of the company. In this sample it is a wait: most answers take 10 to 30 milliseconds, a few take longer. */
const MEDIAN_MS = 16
const SPREAD = 0.35

let state = process.pid

/** [0, 1): good enough to spread answers with (Numerical Recipes, "quick and dirty"). */
function uniform() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

/** Resolves when the other service has answered. */
export async function askForPrices() {
  const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  await new Promise((resolve) => setTimeout(resolve, MEDIAN_MS * Math.exp(SPREAD * normal)))
}
