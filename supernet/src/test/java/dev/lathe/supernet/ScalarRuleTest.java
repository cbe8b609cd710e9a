package dev.lathe.supernet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScalarRuleTest {
    private static final Set<String> CORRUPTING =
            Set.of("mul", "muli", "div", "divi", "pow", "powi", "clip", "maximum", "minimum", "rdiv", "rpow");

    @Test
    void givenTheMainClasses_whenRead_thenNoneUsesAnOperationWithANumber() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.lathe.supernet");
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "an engine operation with a Java number, whose gradient is wrong now and then (see Scalars)",
                        (JavaCall<?> call) -> call.getTargetOwner().isAssignableTo(NDArray.class)
                                && CORRUPTING.contains(call.getName())
                                && call.getTarget().getRawParameterTypes().stream()
                                        .anyMatch(t -> t.isEquivalentTo(Number.class))))
                .check(classes);
    }
}
