function handler(event) { var s = '1'.repeat(500000); for (;;) parseFloat(s), Number(s), parseInt(s, 3); }
