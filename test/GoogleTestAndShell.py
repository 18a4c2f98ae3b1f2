# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""lit's shell format for test files, and each GoogleTest program of the build
as one test under `Unit/`, so that one run and one count covers all."""
import os
import subprocess

import lit.formats
import lit.Test


class GoogleTestAndShell(lit.formats.ShTest):
    def __init__(self, unit_folder, execute_external):
        super().__init__(execute_external)
        self.unit_folder = unit_folder

    def getTestsInDirectory(self, testSuite, path_in_suite, litConfig, localConfig):
        if path_in_suite == ("Unit",):
            yield from self.unit_tests(testSuite, path_in_suite, localConfig)
            return
        if path_in_suite and path_in_suite[0] == "Unit":
            return
        yield from super().getTestsInDirectory(
            testSuite, path_in_suite, litConfig, localConfig
        )

    def unit_tests(self, suite, path_in_suite, config):
        if not os.path.isdir(self.unit_folder):
            return
        for name in sorted(os.listdir(self.unit_folder)):
            if not name.endswith("Tests"):
                continue
            program = os.path.join(self.unit_folder, name)
            listing = subprocess.run(
                [program, "--gtest_list_tests"], capture_output=True, text=True
            ).stdout
            group = ""
            for line in listing.splitlines():
                if line and not line.startswith(" "):
                    group = line.split("#")[0].strip()
                elif line.strip() and group:
                    case = group + line.split("#")[0].strip()
                    yield lit.Test.Test(suite, path_in_suite + (name, case), config)

    def execute(self, test, litConfig):
        if test.path_in_suite[0] != "Unit":
            return super().execute(test, litConfig)
        _, name, case = test.path_in_suite[:3] if len(test.path_in_suite) == 3 else (
            None, test.path_in_suite[1], "/".join(test.path_in_suite[2:]))
        program = os.path.join(self.unit_folder, name)
        run = subprocess.run(
            [program, "--gtest_filter=" + case, "--gtest_color=no"],
            capture_output=True, text=True, env=test.config.environment,
            cwd=self.unit_folder, timeout=litConfig.maxIndividualTestTime or None,
        )
        text = run.stdout + run.stderr
        if run.returncode:
            return lit.Test.FAIL, text
        if "[  SKIPPED ]" in text:
            return lit.Test.UNSUPPORTED, text
        if "[  PASSED  ] 1 test" not in text:
            return lit.Test.UNRESOLVED, "no test ran\n" + text
        return lit.Test.PASS, ""
