function handler(event) { var o = {}; for (var i = 0;; i++) { o['key-number-' + i + 'x'.repeat(300)] = 1; delete o['key-number-' + i + 'x'.repeat(300)]; } }
