/** The command line, and the architecture tests of the whole program. */
@NullMarked
package io.destiny.cli;

import org.jspecify.annotations.NullMarked;
