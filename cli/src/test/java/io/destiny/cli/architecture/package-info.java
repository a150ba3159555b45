/** The rules that no module can check about itself, over the compiled classes of all modules. */
@NullMarked
package io.destiny.cli.architecture;

import org.jspecify.annotations.NullMarked;
