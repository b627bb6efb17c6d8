/** The binding of libtorch on the CPU. No other package knows a type of {@code org.bytedeco}. */
@NullMarked
package dev.windfall.torch.libtorch;

import org.jspecify.annotations.NullMarked;
