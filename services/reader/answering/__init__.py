"""From who asks and what there is to an answer: candidates, rules, order, reasons, rows."""
