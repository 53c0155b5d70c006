function handler(event) { for (;;) 'a'.repeat(1000000).padStart(1900000, 'xyz'); }
