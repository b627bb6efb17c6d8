/**
 * The facade of a tensor library: tensors on some device, with owned lifetimes, and only the
 * operations that the engine uses.
 *
 * <p>Nothing here says where a tensor's memory is: values come from the host and go back to it by
 * explicit copies. A binding implements {@link dev.windfall.torch.tensor.TensorLibrary}; today
 * there is one, for libtorch on the CPU.
 */
@NullMarked
package dev.windfall.torch.tensor;

import org.jspecify.annotations.NullMarked;
