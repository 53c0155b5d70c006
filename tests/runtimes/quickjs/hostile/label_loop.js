function handler(event) { a: for (;;) { b: for (;;) { continue a; } } }
