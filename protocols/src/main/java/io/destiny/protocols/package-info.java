/** The protocols: engines, composers, and the catalogue of all of them. */
@NullMarked
package io.destiny.protocols;

import org.jspecify.annotations.NullMarked;
