/**
 * Networks as data: an immutable graph of named layers whose shapes are inferred, never declared
 * twice.
 *
 * <p>A builder or the zoo makes a network; accountants read it and engines compile it. Nobody
 * subclasses one. This package knows no other package of Windfall.
 */
@NullMarked
package dev.windfall.network;

import org.jspecify.annotations.NullMarked;
