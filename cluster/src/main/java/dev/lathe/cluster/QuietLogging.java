package dev.lathe.cluster;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;

/**
 * Errors only (warnings from our own code), on standard error. Where nobody has configured logging, Spark would install a configuration of its own, which
 * reports every step of its start.
 */
final class QuietLogging {
    private QuietLogging() {}

    static void unlessConfigured() {
        if (!(LogManager.getContext(false) instanceof LoggerContext context)
                || !(context.getConfiguration() instanceof DefaultConfiguration)) {
            return;
        }
        ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
        builder.add(builder.newAppender("stderr", "Console")
                .addAttribute("target", ConsoleAppender.Target.SYSTEM_ERR)
                .add(builder.newLayout("PatternLayout").addAttribute("pattern", "%d %p %c: %m%n")));
        builder.add(builder.newLogger("org", Level.ERROR));
        // Its errors are those of connections, which are refused with a line of ours, and of workers that die, which
        // are replaced.
        builder.add(builder.newLogger("org.apache.spark.network", Level.OFF));
        builder.add(builder.newLogger("org.apache.spark.scheduler", Level.OFF));
        // Not ERROR, which Spark takes for log4j's default, to be replaced.
        builder.add(builder.newRootLogger(Level.WARN).add(builder.newAppenderRef("stderr")));
        context.setConfiguration(builder.build(false));
    }
}
