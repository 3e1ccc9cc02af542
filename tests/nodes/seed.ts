const { TYPEWIRE_SEED: given } = process.env

/** What chance in these tests comes from. TYPEWIRE_SEED runs one again. */
export const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 31)
