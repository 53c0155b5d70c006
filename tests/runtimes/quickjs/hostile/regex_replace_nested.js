function handler(event) { return 'a'.repeat(40).concat('b').replace(/(a*)*(a*)*c/g, ''); }
