/** Small final classes that protocols share by composition. */
@NullMarked
package io.destiny.core.kit;

import org.jspecify.annotations.NullMarked;
