/** One App process of the simulator: every port call passes a point where it may die or be suspended. A dead process does nothing more. */
import type { Random } from './random.ts'

export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface ProcessFaults {
  /** Probability of dying at any one port call. */
  readonly crash: number
  /** Probability of being suspended at a port call, longer than a lease lives. */
  readonly pause: number
}

export class Process {
  readonly name: string
  alive = true
  private readonly random: Random
  private readonly faults: ProcessFaults
  private readonly suspend: (resume: () => void) => void

  constructor(name: string, random: Random, faults: ProcessFaults, suspend: (resume: () => void) => void) {
    this.name = name
    this.random = random
    this.faults = faults
    this.suspend = suspend
  }

  /** Every method of the port, with a point before and a point after. */
  guard<Port extends object>(port: Port): Port {
    const point = (): Promise<void> => this.point()
    return new Proxy(port, {
      get(target, property, receiver) {
        const member: unknown = Reflect.get(target, property, receiver)
        if (typeof member !== 'function') return member
        return async (...given: unknown[]) => {
          await point()
          const answer: unknown = await Reflect.apply(member, target, given)
          await point()
          return answer
        }
      },
    })
  }

  private async point(): Promise<void> {
    this.check()
    if (this.random.chance(this.faults.crash)) {
      this.alive = false
      throw new Crash(`${this.name} was killed`)
    }
    if (this.random.chance(this.faults.pause)) {
      await new Promise<void>((resume) => this.suspend(resume))
      this.check()
    }
  }

  private check(): void {
    if (!this.alive) throw new Crash(`${this.name} is dead`)
  }
}
