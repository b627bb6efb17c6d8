package dev.windfall.torch.tensor;

/**
 * The lifetime of the tensors that a thread makes while the scope is its innermost open one:
 * closing frees them all, but for those that were kept. Scopes of one thread close in the opposite
 * order of their opening, on the thread that opened them.
 */
public interface Scope extends AutoCloseable {

  /**
   * Takes a tensor out of the scope: it lives until its own {@link Tensor#close}.
   *
   * @param tensor made in this scope
   * @return the same tensor
   */
  Tensor keep(Tensor tensor);

  @Override
  void close();
}
