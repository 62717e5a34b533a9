"""What is due by when: policies, the facts they are applied to, and the clocks that follow."""
