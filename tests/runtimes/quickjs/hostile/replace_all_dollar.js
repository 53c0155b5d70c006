function handler(event) { var s = 'a'.repeat(5000); return s.replaceAll('a', '$`$&$\''.repeat(50)); }
