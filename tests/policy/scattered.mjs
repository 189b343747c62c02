// Looks through many cases for one that is not as it should be.

/** The first case whose verdict is not the expected one. */
export async function noticed(document, cases, verdict) {
  for (const one of cases) {
    if ((await verdict(document, one)) !== one.expected) return one
  }
  return undefined
}

/** The same cases with neighbours far apart: a change mostly shows in neighbours, so it shows sooner. */
export function scattered(cases) {
  // More than there are cases, and a prime, so that its multiples reach every place once.
  const stride = 1_000_003
  return cases.map((_, index) => cases[(index * stride) % cases.length])
}
