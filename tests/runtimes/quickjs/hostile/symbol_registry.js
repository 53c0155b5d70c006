function handler(event) { for (var i = 0;; i++) Symbol.for('s'.repeat(500) + i); }
