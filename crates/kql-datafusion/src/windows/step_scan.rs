//! `scan`: the state of its steps, as it goes through the rows of one partition.
//!
//! What steps compute of the row at hand alone is computed before, for all rows at once, and comes as
//! arguments. What is left reads the state and is evaluated row by row, over batches of one row.
//!
//! Source: <https://learn.microsoft.com/kusto/query/scan-operator>

mod follow;

use std::{
    hash::{Hash, Hasher},
    sync::{Arc, OnceLock},
};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, StructArray, UInt64Array,
        new_empty_array,
    },
    buffer::OffsetBuffer,
    compute::{concat, take},
    datatypes::{DataType, Field as ArrowField, FieldRef, Fields, Schema, SchemaRef},
};
use datafusion_common::{
    DFSchema, DataFusionError, Result, ScalarValue, internal_datafusion_err, internal_err,
};
use datafusion_expr::{
    Expr as PlanExpr, PartitionEvaluator, Signature, Volatility, WindowUDFImpl,
    execution_props::ExecutionProps,
    function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
    physical_planning_context::PhysicalPlanningContext,
    utils::split_conjunction,
};
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};
use kql_bind::tree::StepOutput;

use self::follow::{Follower, Matched};
use crate::EVIDENCE;

/// The field of a result with the number of its sequence.
pub(crate) const MATCH_ID: &str = "id";
/// A field that every result has.
const IS_RESULT: &str = "is";

/// Returns what the field of a declared column is called in a result.
pub(crate) fn declared_name(at: usize) -> String {
    format!("d{at}")
}

/// A column that expressions of steps read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: DataType,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) predicate: PlanExpr,
    /// What each declared column becomes, where the step sets it.
    pub(crate) sets: Vec<Option<PlanExpr>>,
    pub(crate) output: StepOutput,
    pub(crate) remembered: Remembered,
}

/// Where the columns that are read of a step's last row come from, in the order of the state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Remembered(pub(crate) Vec<Source>);

/// Where a value of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// Among the arguments.
    Argument(usize),
    /// Among the declared columns.
    Declared(usize),
}

/// The window function of one scan: yields for each row the list of its results.
///
/// Its arguments are what steps read of a row, then the row's evidence if results have any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Program {
    args: Vec<Field>,
    /// The columns of the state, step by step.
    state: Vec<Field>,
    /// What they are where there is no row.
    missing: Vec<ScalarValue>,
    /// The declared columns, and what they are where no step sets them.
    declared: Vec<(Field, ScalarValue)>,
    steps: Vec<Step>,
    is_numbered: bool,
    evidence: Option<DataType>,
    signature: Signature,
    compiled: Compiled,
}

impl Program {
    pub(crate) fn new(
        args: Vec<Field>,
        state: Vec<Field>,
        missing: Vec<ScalarValue>,
        declared: Vec<(Field, ScalarValue)>,
        steps: Vec<Step>,
        is_numbered: bool,
        evidence: Option<DataType>,
    ) -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        let compiled = Compiled::default();
        Self { args, state, missing, declared, steps, is_numbered, evidence, signature, compiled }
    }

    /// Returns the fields of a result.
    fn result_fields(&self) -> Fields {
        let declared = self.declared.iter().enumerate();
        let declared = declared
            .map(|(at, (field, _))| ArrowField::new(declared_name(at), field.ty.clone(), true));
        let number = self.is_numbered.then(|| ArrowField::new(MATCH_ID, DataType::Int64, true));
        let evidence = self.evidence.iter().map(|ty| ArrowField::new(EVIDENCE, ty.clone(), true));
        std::iter::once(ArrowField::new(IS_RESULT, DataType::Boolean, true))
            .chain(declared)
            .chain(number)
            .chain(evidence)
            .collect()
    }

    fn results_type(&self) -> DataType {
        let result = DataType::Struct(self.result_fields());
        DataType::List(Arc::new(ArrowField::new_list_field(result, true)))
    }

    /// Returns the columns that expressions are evaluated over: arguments, then the state.
    fn schema(&self) -> SchemaRef {
        let fields = self.args.iter().chain(&self.state);
        let fields = fields.map(|field| ArrowField::new(&field.name, field.ty.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    fn compile(&self) -> Result<Vec<CompiledStep>> {
        let schema = DFSchema::try_from(self.schema())?;
        let props = ExecutionProps::new();
        let context = PhysicalPlanningContext::default();
        let physical = |expr: &PlanExpr| create_physical_expr(expr, &schema, &props, &context);
        let is_argument = |expr: &PlanExpr| match expr {
            PlanExpr::Column(column) => {
                self.args.iter().position(|field| field.name == column.name)
            }
            _ => None,
        };
        let value = |expr: &PlanExpr| match is_argument(expr) {
            Some(at) => Ok(Evaluated::Argument(at)),
            None => physical(expr).map(Evaluated::Expr),
        };
        let step = |step: &Step| {
            let tests = split_conjunction(&step.predicate).into_iter().map(value);
            let sets = step.sets.iter().map(|set| set.as_ref().map(value).transpose());
            Ok(CompiledStep {
                tests: tests.collect::<Result<_>>()?,
                sets: sets.collect::<Result<_>>()?,
            })
        };
        self.steps.iter().map(step).collect()
    }
}

/// What a step computes, ready to be evaluated.
#[derive(Debug)]
struct CompiledStep {
    /// All have to be true.
    tests: Vec<Evaluated>,
    sets: Vec<Option<Evaluated>>,
}

/// A value of a row.
#[derive(Debug)]
enum Evaluated {
    /// An argument as it is.
    Argument(usize),
    /// Computed with the state.
    Expr(Arc<dyn PhysicalExpr>),
}

/// The compiled steps, made once for all partitions; two programs are the same without them.
#[derive(Clone, Debug, Default)]
struct Compiled(Arc<OnceLock<Vec<CompiledStep>>>);

impl PartialEq for Compiled {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Compiled {}

impl Hash for Compiled {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl WindowUDFImpl for Program {
    fn name(&self) -> &'static str {
        "kql_scan"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Types are the binder's: they are taken as they are.
    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(ArrowField::new(args.name(), self.results_type(), true)))
    }

    fn partition_evaluator(
        &self,
        _args: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        if self.compiled.0.get().is_none() {
            // Whoever is first: all make the same.
            drop(self.compiled.0.set(self.compile()?));
        }
        Ok(Box::new(Partition { program: self.clone() }))
    }
}

/// The rows of one partition.
#[derive(Debug)]
struct Partition {
    program: Program,
}

impl PartitionEvaluator for Partition {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let program = &self.program;
        let steps = program
            .compiled
            .0
            .get()
            .ok_or_else(|| internal_datafusion_err!("a scan that was not compiled"))?;
        let (args, evidence) = values
            .split_at_checked(program.args.len())
            .ok_or_else(|| internal_datafusion_err!("a scan of {} arguments", values.len()))?;
        let mut follower = Follower::new(program, steps, args)?;
        for row in 0..rows {
            follower.see(row)?;
        }
        let matched = follower.finish();
        results(program, &matched, evidence.first(), rows)
    }
}

/// Puts the results of all rows together: one list for each row.
fn results(
    program: &Program,
    matched: &[Matched],
    evidence: Option<&ArrayRef>,
    rows: usize,
) -> Result<ArrayRef> {
    let mut columns: Vec<ArrayRef> = vec![Arc::new(BooleanArray::from(vec![true; matched.len()]))];
    for (at, (field, _)) in program.declared.iter().enumerate() {
        let values = matched.iter().map(|it| it.declared.get(at).map(AsRef::as_ref));
        let values: Vec<&dyn Array> = values.collect::<Option<_>>().ok_or_else(lacking)?;
        columns.push(if values.is_empty() { new_empty_array(&field.ty) } else { concat(&values)? });
    }
    if program.is_numbered {
        columns.push(Arc::new(matched.iter().map(|it| it.number).collect::<Int64Array>()));
    }
    if program.evidence.is_some() {
        columns.push(cited(matched, evidence.ok_or_else(lacking)?)?);
    }
    let fields = program.result_fields();
    let structs = StructArray::try_new(fields.clone(), columns, None)?;
    let mut counts = vec![0_usize; rows];
    for it in matched {
        let count = counts.get_mut(it.row).ok_or_else(lacking)?;
        *count = count.saturating_add(1);
    }
    let item = Arc::new(ArrowField::new_list_field(DataType::Struct(fields), true));
    let offsets = OffsetBuffer::from_lengths(counts);
    Ok(Arc::new(ListArray::try_new(item, offsets, Arc::new(structs), None)?))
}

/// Returns the records that each result rests on: those of the rows that its sequence holds.
fn cited(matched: &[Matched], evidence: &ArrayRef) -> Result<ArrayRef> {
    let rows = matched.iter().flat_map(|it| &it.rows);
    let places: UInt64Array = rows.map(|row| u64::try_from(*row).ok()).collect();
    let lists = take(evidence, &places, None)?;
    let lists = lists.as_list_opt::<i32>().ok_or_else(lacking)?;
    let DataType::List(item) = lists.data_type() else { return internal_err!("evidence is lists") };
    let mut ends = vec![0_i32];
    let mut lists_so_far: usize = 0;
    for it in matched {
        lists_so_far = lists_so_far.saturating_add(it.rows.len());
        ends.push(*lists.offsets().get(lists_so_far).ok_or_else(lacking)?);
    }
    let offsets = OffsetBuffer::new(ends.into());
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, Arc::clone(lists.values()), None)?))
}

fn lacking() -> DataFusionError {
    internal_datafusion_err!("a scan whose results do not fit its rows")
}
