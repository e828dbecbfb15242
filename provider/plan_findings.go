package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// addFindings speaks the findings of a plan as diagnostics.
func addFindings(diags *diag.Diagnostics, findings []plan.Finding) {
	for _, f := range findings {
		var d diag.Diagnostic = diag.NewWarningDiagnostic(f.Summary, f.Detail)
		if f.Grade == plan.Error {
			d = diag.NewErrorDiagnostic(f.Summary, f.Detail)
		}
		if len(f.At.Names) > 0 {
			d = diag.WithPath(toPath(f.At), d)
		}
		diags.Append(d)
	}
}
