/** The one page customers see. */
import { VERSION } from './version.mjs'

const price = (cents) => `€ ${(cents / 100).toFixed(2)}`
const list = (products) => `<ul>${products.map((product) => `<li>${product.name}, ${price(product.price_cents)}</li>`).join('')}</ul>`

export function homePage(products) {
  const recommended = products.filter((product) => product.recommended)
  const first = recommended.length === 0 ? '' : `<h2>We recommend</h2>${list(recommended)}<h2>Everything</h2>`
  return `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>${first}${list(products)}<footer>${VERSION}</footer></html>\n`
}
