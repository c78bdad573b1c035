/** Products and orders in PostgreSQL. Products are read at most once a second; orders of the same few milliseconds are written together. */
import { Pool } from 'pg'

const PRODUCTS_FOR_MS = 1000
const GATHER_MS = 15

export function openStore(url) {
  const pool = new Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5000 })
  pool.on('error', (error) => console.error(JSON.stringify({ level: 'error', message: 'database connection lost', error: error.message })))
  let products = { until: 0, rows: [] }
  let reading
  let waiting = []

  async function readProducts() {
    const { rows } = await pool.query('select id, name, price_cents, recommended from products order by id')
    products = { until: Date.now() + PRODUCTS_FOR_MS, rows }
    return rows
  }

  async function write() {
    const batch = waiting
    waiting = []
    try {
      const { rows } = await pool.query('insert into orders (product_id, quantity) select * from unnest($1::int[], $2::int[]) returning id', [
        batch.map((order) => order.product),
        batch.map((order) => order.quantity),
      ])
      for (const [index, order] of batch.entries()) order.resolve(Number(rows[index].id))
    } catch (error) {
      for (const order of batch) order.reject(error)
    }
  }

  return {
    async products() {
      if (Date.now() < products.until) return products.rows
      reading ??= readProducts().finally(() => {
        reading = undefined
      })
      return reading
    },
    /** @returns {Promise<number>} the order's number */
    order(product, quantity) {
      return new Promise((resolve, reject) => {
        waiting.push({ product, quantity, resolve, reject })
        if (waiting.length === 1) setTimeout(() => void write(), GATHER_MS)
      })
    },
    async ready() {
      await pool.query('select 1')
    },
    async close() {
      await pool.end()
    },
  }
}
