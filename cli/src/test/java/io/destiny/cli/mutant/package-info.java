@NullMarked
package io.destiny.cli.mutant;

import org.jspecify.annotations.NullMarked;
