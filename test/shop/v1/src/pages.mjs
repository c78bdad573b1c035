/** The one page customers see. */
import { VERSION } from './version.mjs'

const price = (cents) => `€ ${(cents / 100).toFixed(2)}`

export function homePage(products) {
  const rows = products.map((product) => `<li>${product.name}, ${price(product.price_cents)}</li>`).join('')
  return `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><ul>${rows}</ul><footer>${VERSION}</footer></html>\n`
}
