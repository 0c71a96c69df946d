use rand::Rng;

/// Letters and digits that cannot be mistaken for each other when they are read out.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// So many of them that nobody can guess: 5 bits each.
pub fn random(count: usize) -> String {
    let mut rng = rand::rng();
    (0..count)
        .map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]))
        .collect()
}
