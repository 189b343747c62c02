
/// Which mutant is switched on: see tests/mutants/switches.py.
#[doc(hidden)]
pub mod switch {
    use std::env;
    use std::fs::File;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{LazyLock, Mutex};

    const COUNT: usize = MUTANTS;

    static MUTANT: LazyLock<Option<usize>> = LazyLock::new(|| env::var("MUTANT").ok()?.parse().ok());
    /// Where to note, four bytes each, which mutants the tests come across.
    static REACHED_FILE: LazyLock<Option<Mutex<File>>> =
        LazyLock::new(|| Some(Mutex::new(File::create(env::var("REACHED_FILE").ok()?).ok()?)));
    static REACHED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];

    /// Whether the code is to run as this mutant has it.
    pub fn on(number: usize) -> bool {
        if let Some(file) = &*REACHED_FILE
            && !REACHED[number].swap(true, Ordering::Relaxed)
        {
            file.lock().unwrap().write_all(&(number as u32).to_le_bytes()).unwrap();
        }
        *MUTANT == Some(number)
    }

    /// One of two iterators, for what says no more of its type than that it is one.
    pub enum Either<A, B> {
        One(A),
        Other(B),
    }

    impl<A: Iterator, B: Iterator<Item = A::Item>> Iterator for Either<A, B> {
        type Item = A::Item;

        fn next(&mut self) -> Option<A::Item> {
            match self {
                Self::One(it) => it.next(),
                Self::Other(it) => it.next(),
            }
        }
    }
}
