/** Prints a line for whoever reads the output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints a line about something that went wrong. */
export function printProblem(line: string): void {
  process.stderr.write(`${line}\n`)
}
